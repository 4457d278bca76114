"""Fill the parts of nb07_noise from the last to the first, so that a second process meets the first one half way."""
from course_lib.experiments import nb07_noise
from course_lib.experiments.resume import Kept
from course_lib.settings import load_settings

settings, say = load_settings(), lambda text: print(text, flush=True)
kept = Kept(nb07_noise.NAME, settings, say)
for part, make in reversed(list(nb07_noise.parts(settings, say))):
    kept.rows(part, make)

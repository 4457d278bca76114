"""A chat model that needs no weights, and a client whose clock the test holds."""

from __future__ import annotations

from course_lib.hosted.ceiling import Ceiling
from course_lib.hosted.client import Client
from course_lib.hosted.endpoint import Endpoint, Key
from course_lib.hosted.practice_server import PracticeServer
from course_lib.models.batching import Completion

CANARY = "sk-canary-4f1d9c7e"
ASKED = {"messages": [{"role": "user", "content": "Say hello."}]}


class Parrot:
    """Repeats the last message, cut to the limit of words; a word is a token."""

    def generate(self, conversations, max_new_tokens=64, adapter=None, say=None):
        done = []
        for talk in conversations:
            words = talk[-1]["content"].split()[:max_new_tokens]
            done.append(Completion(" ".join(words), 10, len(words), 0.01, -0.1, -0.2))
        return done


class Time:
    """Notes each sleep, and moves the clock instead of waiting."""

    def __init__(self):
        self.now, self.slept = 0.0, []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


def server(*faults) -> PracticeServer:
    return PracticeServer(Parrot(), faults)


def client(url: str, ceiling: Ceiling | None = None, time: Time | None = None, **settings) -> Client:
    settings = {"seconds": 5.0, "key": Key(CANARY), **settings}
    time = time or Time()
    endpoint = Endpoint(url, "practice", **settings)
    return Client(endpoint, ceiling or Ceiling(1.0, 1.0, 1.0), time.sleep, lambda: time.now, lambda: 1.0)

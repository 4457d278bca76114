"use strict";
const slides = Array.from(document.querySelectorAll("section"));
let at = 0;

function go(to) {
  at = Math.min(Math.max(to, 0), slides.length - 1);
  slides.forEach((slide, number) => slide.classList.toggle("here", number === at));
  document.getElementById("place").textContent = (at + 1) + " / " + slides.length;
  slides[at].scrollTop = 0;
  history.replaceState(null, "", "#" + (at + 1));
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("summary, a, input")) return;
  const moves = {
    ArrowRight: at + 1, PageDown: at + 1, " ": at + 1, ArrowLeft: at - 1, PageUp: at - 1, Home: 0, End: slides.length,
  };
  if (event.key in moves) {
    event.preventDefault();
    go(moves[event.key]);
  } else if (event.key === "n" || event.key === "N") {
    document.body.classList.toggle("notes");
  }
});

let startX = 0;
let startY = 0;
document.addEventListener("touchstart", (event) => {
  startX = event.changedTouches[0].clientX;
  startY = event.changedTouches[0].clientY;
}, { passive: true });
document.addEventListener("touchend", (event) => {
  const byX = event.changedTouches[0].clientX - startX;
  const byY = event.changedTouches[0].clientY - startY;
  const scrolls = event.target.closest(".output_area, pre");
  if (!scrolls && Math.abs(byX) > 60 && Math.abs(byX) > 2 * Math.abs(byY)) go(byX < 0 ? at + 1 : at - 1);
}, { passive: true });

window.addEventListener("hashchange", () => go((parseInt(location.hash.slice(1), 10) || 1) - 1));
go((parseInt(location.hash.slice(1), 10) || 1) - 1);

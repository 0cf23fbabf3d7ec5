// The switch between light and dark: what the system asks for, until someone chooses.
const root = document.documentElement;
const button = document.getElementById("theme");
const system = matchMedia("(prefers-color-scheme: dark)");
const KEY = "osreach-theme";
const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
const show = () => {
  button.textContent = isDark() ? "Light" : "Dark";
  button.setAttribute("aria-label", `Switch to ${isDark() ? "light" : "dark"} colours`);
};
// A page of a file may have no storage; then the choice lasts as long as the page.
try {
  const kept = localStorage.getItem(KEY);
  if (kept === "light" || kept === "dark") root.dataset.theme = kept;
} catch {}
button.addEventListener("click", () => {
  root.dataset.theme = isDark() ? "light" : "dark";
  try {
    localStorage.setItem(KEY, root.dataset.theme);
  } catch {}
  show();
});
system.addEventListener("change", show);
button.hidden = false;
show();

// On paper nothing can be opened, so everything is, but for the long table that the picture stands for.
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open]):not(#facts)")];
  for (const one of closed) one.open = true;
});
addEventListener("afterprint", () => {
  for (const one of closed) one.open = false;
  closed = [];
});

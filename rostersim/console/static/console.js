/* The console's own script: the token, errors that are shown, and keys. htmx does the rest. */
"use strict";

const KEPT = "rostersim token";
const token = () => sessionStorage.getItem(KEPT) || "";

function showWhoIsIn() {
  document.getElementById("key").textContent = token() ? "Sign out" : "Sign in";
}

async function enterWith(ticket) {
  const body = new URLSearchParams({ ticket });
  const answer = await fetch("/console/enter", { method: "POST", body });
  if (answer.ok) sessionStorage.setItem(KEPT, (await answer.json()).token);
  else document.getElementById("notice").innerHTML = await answer.text();
  showWhoIsIn();
}

function askForToken() {
  const dialog = document.getElementById("sign-in");
  if (!dialog.open) dialog.showModal();
}

document.addEventListener("DOMContentLoaded", () => {
  const ticket = new URLSearchParams(location.hash.slice(1)).get("ticket");
  if (ticket) {
    history.replaceState(null, "", location.pathname + location.search);
    enterWith(ticket);
  }
  showWhoIsIn();
  document.getElementById("key").addEventListener("click", () => {
    if (token()) { sessionStorage.removeItem(KEPT); showWhoIsIn(); } else askForToken();
  });
  document.getElementById("sign-in").addEventListener("close", (event) => {
    const field = document.getElementById("token");
    if (event.target.returnValue === "take" && field.value.trim()) sessionStorage.setItem(KEPT, field.value.trim());
    field.value = "";
    showWhoIsIn();
  });
  document.getElementById("find").addEventListener("submit", (event) => {
    event.preventDefault();
    document.querySelector("#found a")?.click();
  });
});

document.addEventListener("htmx:configRequest", (event) => {
  if (token()) event.detail.headers.Authorization = `Bearer ${token()}`;
});

/* A refusal is an answer too: it says what to do instead. */
document.addEventListener("htmx:beforeSwap", (event) => {
  const status = event.detail.xhr.status;
  if (status < 400) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
  if (status === 401) {
    sessionStorage.removeItem(KEPT);
    showWhoIsIn();
    askForToken();
  }
});

document.addEventListener("htmx:sendError", () => {
  document.getElementById("notice").textContent = "✘ the server does not answer; is `rostersim serve` still running?";
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, select, textarea, dialog")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (event.key === "/") {
    event.preventDefault();
    document.getElementById("find-name").focus();
    return;
  }
  document.querySelector(`button[data-key="${CSS.escape(event.key)}"]`)?.click();
});

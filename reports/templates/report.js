// The filter: by result, rule and text. What it is set to stands in the address, so that it can be sent to others.
(() => {
  "use strict";
  const form = document.getElementById("filter");
  const stories = [...document.querySelectorAll("details.story")];
  const shown = document.getElementById("shown");
  const nothing = document.getElementById("nothing");
  const NAMES = ["result", "rule", "text"];

  const apply = () => {
    const { result, rule, text } = Object.fromEntries(NAMES.map((name) => [name, form.elements[name].value]));
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const story of stories) {
      const { result: its, rules, text: told } = story.dataset;
      const fits =
        (!result || its === result) &&
        (!rule || rules.split(" ").includes(rule)) &&
        words.every((word) => told.includes(word));
      story.hidden = !fits;
      count += fits;
    }
    shown.textContent = `${count} of ${stories.length} shown`;
    nothing.hidden = count > 0 || stories.length === 0;
  };

  const remember = () => {
    const state = new URLSearchParams();
    for (const name of NAMES) if (form.elements[name].value) state.set(name, form.elements[name].value);
    history.replaceState(null, "", state.size ? `#${state}` : location.pathname + location.search);
  };

  const recall = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target && stories.includes(target)) {
      form.reset();
      apply();
      target.open = true;
      target.scrollIntoView();
      target.querySelector("summary").focus({ preventScroll: true });
      return;
    }
    const state = new URLSearchParams(location.hash.slice(1));
    for (const name of NAMES) form.elements[name].value = state.get(name) ?? "";
    apply();
    if (state.has("rule")) document.getElementById("stories-title").scrollIntoView();
  };

  const openAll = (open) => stories.forEach((story) => { if (!story.hidden) story.open = open; });

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => { apply(); remember(); });
  form.addEventListener("reset", () => setTimeout(() => { apply(); remember(); }));
  document.getElementById("unfold").addEventListener("click", () => openAll(true));
  document.getElementById("fold").addEventListener("click", () => openAll(false));
  addEventListener("hashchange", recall);

  // On paper nothing can be opened: print every story that the filter shows, and put it back as it was.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = stories.filter((story) => !story.hidden && !story.open);
    opened.forEach((story) => { story.open = true; });
  });
  addEventListener("afterprint", () => opened.forEach((story) => { story.open = false; }));

  recall();
})();

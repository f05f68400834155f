// Times of the browser's own: its time zone is offered where a time is asked for, and moments are shown in it.
(() => {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const day = { day: "numeric", month: "short", year: "numeric" };
  const time = { hour: "2-digit", minute: "2-digit", hour12: false, timeZoneName: "short" };

  const offer = (select) => {
    if (!own || select.dataset.offered) return;
    select.dataset.offered = own;
    const there = [...select.options].some((option) => option.value === own);
    if (there && select.dataset.ownZone === "choose") select.value = own;
    if (!there) select.prepend(new Option(own.replaceAll("_", " "), own, false, select.dataset.ownZone === "choose"));
  };

  const second = { ...time, second: "2-digit" };
  const clock = { ...second, timeZoneName: undefined };
  const date = (moment) => moment.toLocaleDateString("en-GB", day);
  const full = (moment) => `${date(moment)}, ${moment.toLocaleTimeString("en-GB", second)}`;
  const ways = {
    "": (moment) => `on ${date(moment)} at ${moment.toLocaleTimeString("en-GB", time)}`,
    clock: (moment) => moment.toLocaleTimeString("en-GB", clock),
    full,
  };

  const tell = (element) => {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime())) return;
    if (element.title) element.title = full(moment);
    const words = ways[element.dataset.local]?.(moment);
    if (words && element.textContent !== words) element.textContent = words;
  };

  const localise = () => {
    document.querySelectorAll("select[data-own-zone]").forEach(offer);
    document.querySelectorAll("time[data-local], time[title]").forEach(tell);
  };

  document.addEventListener("DOMContentLoaded", localise);
  document.addEventListener("htmx:after:swap", localise);
})();

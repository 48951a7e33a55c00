// What the page does: it draws the charts, and shows of them, and of the key figures, what people choose.
"use strict";
(() => {
  const page = JSON.parse(document.getElementById("figures").textContent);
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  // The formats that the charts' tooltips have, and two for changes.
  const formats = {
    ",d": new Intl.NumberFormat("en", { maximumFractionDigits: 0 }),
    ",.0f": new Intl.NumberFormat("en", { maximumFractionDigits: 0 }),
    ",.1f": new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    ".2~%": new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 2 }),
    ".1%": new Intl.NumberFormat("en", { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    "+.1f": new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: "exceptZero" }),
    "+.1%": new Intl.NumberFormat("en", {
      style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: "exceptZero",
    }),
  };
  const format = (form, value) => formats[form].format(value);
  const chosen = { from: page.from, to: page.to, level: "all" };
  const drawn = [];

  // Rows come packed: names of columns once, values of texts once.
  const unpack = ({ columns, texts, rows }) =>
    rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, texts[i] ? texts[i][row[i]] : row[i]])));
  const figures = Object.fromEntries(["plays", "listeners", "subscriptions"].map((name) => [name, unpack(page.rows[name])]));

  // Some browsers let files, or pages within others, remember nothing.
  const quietly = (act) => {
    try {
      return act();
    } catch {
      return null;
    }
  };

  const monthName = (month) =>
    new Date(`${month}-01T00:00:00Z`).toLocaleDateString("en", { month: "short", year: "numeric", timeZone: "UTC" });
  const soFar = (month) => `${monthName(month)}${page.wholeMonths.includes(month) ? "" : ", so far"}`;
  const monthBefore = (month) => page.months[page.months.indexOf(month) - 1];
  const sum = (rows, name) => rows.reduce((total, row) => total + row[name], 0);
  const ofLevel = (row) => chosen.level === "all" || row.level === chosen.level;

  // Key figures: the value for a range of months; where it can't be a sum, that of the last month.
  const monthly = (from, to) =>
    figures.listeners.filter((r) => r.period === "month" && r.level === chosen.level && r.month >= from && r.month <= to);
  const plays = (from, to) => figures.plays.filter((row) => ofLevel(row) && row.month >= from && row.month <= to);
  const share = (rows) => (sum(rows, "plays") ? sum(rows, "known") / sum(rows, "plays") : null);
  const paid = (month) => figures.subscriptions.find((row) => row.month === month)?.paid ?? null;
  const keyFigures = {
    plays: { title: () => "Plays", value: (from, to) => sum(plays(from, to), "plays") },
    listeners: { title: () => `Listeners in ${soFar(chosen.to)}`, value: (from, to) => sum(monthly(to, to), "listeners"), ofLastMonth: true },
    sessions: { title: () => "Sessions", value: (from, to) => sum(monthly(from, to), "sessions") },
    known: { title: () => "Plays of a known song", value: (from, to) => share(plays(from, to)), isShare: true },
    paid: { title: () => `Paid listeners at the end of ${soFar(chosen.to)}`, value: (from, to) => paid(to), ofLastMonth: true },
  };

  const shown = (value, isShare) =>
    value === null ? "–" : format(isShare ? (value < 0.001 ? ".2~%" : ".1%") : ",d", value);

  function compared({ value, isShare, ofLastMonth }) {
    // A month that is still going on is no match for one that is over.
    const whole = page.wholeMonths.filter((month) => month >= chosen.from && month <= chosen.to).pop();
    const before = whole && monthBefore(whole);
    if (!whole) return `Not compared: ${monthName(chosen.to)} has plays until ${page.lastDay}`;
    const now = value(whole, whole);
    const then = before ? value(before, before) : null;
    const isShown = whole === chosen.to && (ofLastMonth || chosen.from === chosen.to);
    const name = isShown ? "" : `${monthName(whole)}: ${shown(now, isShare)}`;
    if (!then || now === null) return name;
    const change = isShare ? (now - then) * 100 : now / then - 1;
    const text = isShare ? `${format("+.1f", change)} points` : format("+.1%", change);
    return `${name}${name ? ", " : ""}${text} on ${monthName(before)}`;
  }

  function showKeyFigures() {
    for (const [name, figure] of Object.entries(keyFigures)) {
      const card = byId(`figure-${name}`);
      card.querySelector("dt").textContent = figure.title();
      card.querySelector(".number").textContent = shown(figure.value(chosen.from, chosen.to), figure.isShare);
      card.querySelector(".compared").textContent = compared(figure);
    }
    const range = chosen.from === chosen.to ? monthName(chosen.to) : `${monthName(chosen.from)} to ${monthName(chosen.to)}`;
    const level = chosen.level === "all" ? "all levels" : `level ${chosen.level}`;
    const unfinished = page.wholeMonths.includes(chosen.to) ? "" : ` ${monthName(chosen.to)} has plays until ${page.lastDay}.`;
    byId("chosen").textContent = `Shown: ${range}, ${level}.${unfinished}`;
  }

  // Charts.
  const room = (place) => Math.min(300, Math.round(place.clientWidth * (place.clientWidth < 420 ? 0.46 : 0.38)));
  // Many days side by side are hard to tell apart.
  const periodAtFirst = () => (page.months.indexOf(chosen.to) - page.months.indexOf(chosen.from) < 6 ? "day" : "week");

  // Vega warns of heights by the step, which are as wanted, and of charts without data, of which the page tells. Of what
  // it does before a chart is drawn, it takes no other logger.
  const warn = console.warn;
  console.warn = (...words) => /discrete height|Infinite extent/.test(words.join(" ")) || warn(...words);

  async function draw(chart) {
    const place = byId(`chart-${chart.name}`).querySelector(".chart");
    const spec = { ...chart.spec, data: { values: unpack(page.rows[chart.rows]) } };
    for (const parameter of spec.params) {
      const values = {
        from_month: chosen.from, to_month: chosen.to, chosen_level: chosen.level, label_room: room(place),
        period: periodAtFirst(),
      };
      if (parameter.name in values) parameter.value = values[parameter.name];
    }
    const { view, vgSpec } = await vegaEmbed(place, spec, {
      actions: false, renderer: "svg", ast: true, defaultStyle: false, config: page.config,
      tooltip: { disableDefaultStyle: true },
    });
    // The rows that the first marks are made of.
    const from = vgSpec.marks[0].from;
    const one = { ...chart, view, data: from.data ?? from.facet.data, place };
    drawn.push(one);
    if (chart.spec.params.some((parameter) => parameter.name === "period")) {
      view.addSignalListener("period", () => view.runAfter(() => tell(one)));
    }
    tell(one);
  }

  // Says so where there is nothing to show, and fills the table.
  function tell({ name, view, data, columns, order, place }) {
    const rows = [...view.data(data)].sort((one, other) => {
      const field = order.find((candidate) => one[candidate] !== other[candidate]);
      return field === undefined ? 0 : one[field] < other[field] ? -1 : 1;
    });
    const isEmpty = !rows.some((row) => columns.some((column) => column.format && row[column.field] > 0));
    const card = byId(`chart-${name}`);
    place.classList.toggle("empty", isEmpty);
    place.setAttribute("aria-hidden", String(isEmpty));
    card.querySelector(".nothing").hidden = !isEmpty;
    card.querySelector("details").hidden = isEmpty;
    const table = card.querySelector("table.of-chart");
    const cell = (kind, column, text) => {
      const made = document.createElement(kind);
      made.textContent = text;
      if (column.format) made.className = "of-numbers";
      return made;
    };
    const line = (cells) => {
      const made = document.createElement("tr");
      made.append(...cells);
      return made;
    };
    const written = (value, column) =>
      value === null || value === undefined ? "–" : column.format ? format(column.format, value) : String(value);
    table.replaceChildren(
      line(columns.map((column) => cell("th", column, column.title))),
      ...rows.map((row) => line(columns.map((column) => cell("td", column, written(row[column.field], column))))),
    );
  }

  let shows = 0;

  async function show() {
    const mine = ++shows;
    root.dataset.ready = "false";
    showKeyFigures();
    byId("from").value = chosen.from;
    byId("to").value = chosen.to;
    document.querySelector(`input[name="level"][value="${chosen.level}"]`).checked = true;
    for (const one of drawn) {
      one.view.signal("from_month", chosen.from).signal("to_month", chosen.to).signal("chosen_level", chosen.level);
      await one.view.runAsync();
      tell(one);
      // Something else was chosen meanwhile.
      if (mine !== shows) return;
    }
    root.dataset.ready = "true";
  }

  function choose(change) {
    Object.assign(chosen, change);
    if (chosen.from > chosen.to) {
      if ("from" in change) chosen.to = chosen.from;
      else chosen.from = chosen.to;
    }
    // So that what is chosen can be sent to somebody else, as an address.
    quietly(() => history.replaceState(null, "", `#${new URLSearchParams(chosen)}`));
    return show();
  }

  function readAddress() {
    const asked = new URLSearchParams(location.hash.slice(1));
    const months = [asked.get("from"), asked.get("to")];
    if (months.every((month) => page.months.includes(month)) && months[0] <= months[1]) {
      [chosen.from, chosen.to] = months;
    }
    if (["all", "free", "paid"].includes(asked.get("level"))) chosen.level = asked.get("level");
  }

  // Light and dark.
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.scheme ? root.dataset.scheme === "dark" : dark.matches);
  function nameScheme() {
    byId("scheme").textContent = isDark() ? "Light" : "Dark";
    byId("scheme").setAttribute("aria-label", isDark() ? "Show in light colours" : "Show in dark colours");
  }
  const remembered = (scheme) =>
    quietly(() => {
      if (scheme) localStorage.setItem("sparkify-scheme", scheme);
      return localStorage.getItem("sparkify-scheme");
    });

  function prepare() {
    for (const id of ["from", "to"]) {
      byId(id).append(...page.months.map((month) => new Option(monthName(month), month)));
      byId(id).addEventListener("change", (event) => choose({ [id]: event.target.value }));
    }
    byId("filters").addEventListener("submit", (event) => event.preventDefault());
    byId("all-months").addEventListener("click", () => choose({ from: page.months[0], to: page.months.at(-1) }));
    for (const input of document.querySelectorAll('input[name="level"]')) {
      input.addEventListener("change", () => choose({ level: input.value }));
    }
    const scheme = remembered();
    if (scheme === "light" || scheme === "dark") root.dataset.scheme = scheme;
    byId("scheme").hidden = false;
    byId("scheme").addEventListener("click", () => {
      root.dataset.scheme = isDark() ? "light" : "dark";
      remembered(root.dataset.scheme);
      nameScheme();
    });
    dark.addEventListener("change", nameScheme);
    window.addEventListener("hashchange", () => {
      readAddress();
      show();
    });
    nameScheme();
    window.addEventListener("resize", () => {
      for (const one of drawn) one.view.signal("label_room", room(one.place)).runAsync();
    });
  }

  async function begin() {
    readAddress();
    prepare();
    showKeyFigures();
    for (const chart of page.charts) await draw(chart);
    await show();
  }
  begin();
})();

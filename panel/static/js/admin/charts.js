// Draws a chart of the statistics from the table above it: the table stays the truth, also for who can't see
// the chart.

const COLOURS = ["#0b5aa8", "#c2570c", "#14713a", "#7a3ea1", "#b42318", "#0f7686", "#8a6d00", "#5b6673", "#a8326e", "#3b4cc0",
  "#6f9bd1", "#e3a071", "#79b890", "#b79acb", "#df8a82", "#6fb7c2", "#c9b560", "#a5adb6"];
const FONT = getComputedStyle(document.body).fontFamily;

/** Categories and series of `table`; rows of the same category are added up, totals left out. */
function read(table) {
  const category = Number(table.dataset.category);
  const heads = [...table.tHead.rows[0].cells];
  const columns = heads.map((cell, place) => ({ cell, place })).filter(({ cell }) => "series" in cell.dataset && cell.dataset.series !== "total");
  const sums = new Map();
  for (const row of table.tBodies[0].rows) {
    const name = row.cells[category].textContent.trim();
    const numbers = columns.map(({ place }) => Number(row.cells[place].dataset.n));
    const before = sums.get(name);
    sums.set(name, before ? before.map((n, place) => n + numbers[place]) : numbers);
  }
  const labels = [...sums.keys()];
  const series = columns.map(({ cell }, place) => ({ label: cell.textContent.trim(), data: labels.map((name) => sums.get(name)[place]) }));
  return { labels, series };
}

/** A picture without ground would be black in some programs. */
const white = {
  id: "white",
  beforeDraw(chart) {
    chart.ctx.save();
    chart.ctx.fillStyle = "#fff";
    chart.ctx.fillRect(0, 0, chart.width, chart.height);
    chart.ctx.restore();
  },
};

function draw(details) {
  const table = document.getElementById(details.dataset.chartOf);
  const kind = table.dataset.chart;
  const { labels, series } = read(table);
  const box = details.querySelector(".hr-chart-box");
  const across = kind === "across";
  if (across) box.classList.add(labels.length > 12 ? "is-tall" : "is-across");
  const axis = { stacked: kind === "stacked", grid: { color: "#e6e9ee" } };
  const count = { ...axis, beginAtZero: true, ticks: { precision: 0 } };
  return new window.Chart(details.querySelector("canvas"), {
    type: kind === "line" ? "line" : "bar",
    data: {
      labels,
      datasets: series.map((one, place) => ({
        ...one,
        backgroundColor: COLOURS[place % COLOURS.length],
        borderColor: COLOURS[place % COLOURS.length],
        borderWidth: kind === "line" ? 2 : 0,
        pointRadius: labels.length > 60 ? 0 : 3,
        maxBarThickness: 40,
      })),
    },
    options: {
      indexAxis: across ? "y" : "x",
      animation: false,
      maintainAspectRatio: false,
      font: { family: FONT },
      scales: across ? { x: count, y: { ...axis, ticks: { autoSkip: false } } } : { x: axis, y: count },
      plugins: { legend: { position: "bottom" } },
    },
    plugins: [white],
  });
}

window.addEventListener("DOMContentLoaded", start);
if (document.readyState !== "loading") start();

function start() {
  if (!window.Chart) return;
  for (const details of document.querySelectorAll("[data-chart-of]")) {
    if (!details.hidden) continue;
    details.hidden = false;
    let chart = null;
    details.addEventListener("toggle", () => {
      if (details.open && !chart) chart = draw(details);
    });
    details.querySelector("[data-save-chart]").addEventListener("click", () => {
      const link = document.createElement("a");
      link.download = `${details.dataset.file}.png`;
      link.href = chart.toBase64Image();
      link.click();
    });
  }
}

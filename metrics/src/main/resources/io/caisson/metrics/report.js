'use strict';
(() => {
  addEventListener('error', (event) => {
    const line = document.createElement('p');
    line.id = 'script-error';
    line.textContent = 'The charts cannot be drawn: ' + event.message;
    document.querySelector('header').append(line);
  });

  const figures = JSON.parse(document.getElementById('figures').textContent);
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

  const formatBytes = (bytes) => {
    let unit = 0;
    let value = bytes;
    while (Math.abs(value) >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return (unit === 0 ? value : +value.toPrecision(3)) + ' ' + units[unit];
  };
  const formatSeconds = (seconds) => +seconds.toPrecision(3) + ' s';

  // Steps that are round in powers of two, about four to a chart.
  const byteStep = (most) => 2 ** Math.max(0, Math.ceil(Math.log2(Math.max(1, most) / 5)));

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const most = (chart) => {
    const perPoint = figures.seconds.map((_, i) => {
      const values = chart.series.map((series) => series.bytes[i]);
      return chart.stacked ? values.reduce((a, b) => a + b, 0) : Math.max(...values);
    });
    return Math.max(...perPoint);
  };

  const dataset = (chart) => (series, index) => {
    const line = colour('--series-' + index);
    return {
      label: series.name,
      data: series.bytes.map((bytes, i) => ({ x: figures.seconds[i], y: bytes })),
      borderColor: line,
      backgroundColor: line + (chart.stacked ? 'b0' : '00'),
      borderWidth: chart.stacked ? 1 : 2,
      fill: chart.stacked ? 'stack' : false,
      pointRadius: 0,
      pointHitRadius: 8,
      stepped: false,
    };
  };

  const configuration = (chart) => ({
    type: 'line',
    data: { datasets: chart.series.map(dataset(chart)) },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      parsing: false,
      interaction: { mode: 'index', intersect: false },
      scales: {
        x: {
          type: 'linear',
          min: 0,
          max: figures.seconds[figures.seconds.length - 1],
          grid: { display: false },
          ticks: { color: colour('--faint'), callback: formatSeconds, maxTicksLimit: 8, maxRotation: 0 },
        },
        y: {
          stacked: chart.stacked,
          beginAtZero: true,
          grid: { color: colour('--line') },
          border: { display: false },
          ticks: { color: colour('--faint'), callback: formatBytes, stepSize: byteStep(most(chart)) },
        },
      },
      plugins: {
        legend: { display: false },
        tooltip: {
          callbacks: {
            title: (items) => (items.length ? formatSeconds(items[0].parsed.x) : ''),
            label: (item) => ' ' + item.dataset.label + ': ' + formatBytes(item.parsed.y),
          },
        },
      },
    },
  });

  let drawn = [];
  const draw = () => {
    drawn.forEach((chart) => chart.destroy());
    drawn = figures.charts.map(
      (chart) => new Chart(document.getElementById('chart-' + chart.id), configuration(chart)));
    document.documentElement.dataset.charts = drawn.length;
  };
  draw();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
})();

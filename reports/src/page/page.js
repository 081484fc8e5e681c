'use strict';
// An extra: values under the pointer, zooming all charts to the same time, sorted tables, links to a moment.
(function () {
  var plots = [].slice.call(document.querySelectorAll('.plot')).map(function (plot) {
    var figure = plot.closest('figure');
    var table = figure.querySelector('table.data');
    var heads = [].map.call(table.tHead.rows[0].cells, function (cell) { return cell.textContent; });
    var rows = [].map.call(table.tBodies[0].rows, function (row) {
      return [].map.call(row.cells, function (cell) { return cell.textContent; });
    });
    return { plot: plot, figure: figure, read: figure.querySelector('.read'), heads: heads, rows: rows,
      ticks: [].slice.call(figure.querySelectorAll('.tick')), until: +plot.getAttribute('data-until'), at: -1 };
  });
  if (!plots.length) return;
  var until = plots[0].until, view = [0, until];
  function words(s) {
    s = Math.round(s * 10) / 10;
    var d = Math.floor(s / 86400), h = Math.floor(s / 3600) % 24, m = Math.floor(s / 60) % 60;
    if (d) return d + ' d ' + h + ':' + ('0' + m).slice(-2);
    if (h) return h + ':' + ('0' + m).slice(-2) + ' h';
    return m ? m + ' min ' + Math.round(s % 60) + ' s' : s + ' s';
  }
  function show(of, at) {
    var row = of.rows[at];
    if (!row) return;
    of.at = at;
    var parts = [];
    for (var i = 2; i < row.length; i++) if (row[i] !== '') parts.push(of.heads[i] + ' ' + row[i]);
    of.read.textContent = words(+row[0]) + ' to ' + words(+row[1]) + ': ' + (parts.join(', ') || 'nothing');
  }
  function rowAt(of, time) {
    for (var i = 0; i < of.rows.length; i++) if (time < +of.rows[i][1]) return i;
    return of.rows.length - 1;
  }
  function timeAt(of, event) {
    var box = of.plot.getBoundingClientRect();
    var part = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    return view[0] + part * (view[1] - view[0]);
  }
  function zoom(from, to, quiet) {
    if (!(to > from)) { from = 0; to = until; }
    view = [Math.max(0, from), Math.min(until, to)];
    var x = 1000 * view[0] / until, width = 1000 * (view[1] - view[0]) / until;
    plots.forEach(function (of) {
      of.plot.setAttribute('viewBox', x + ' 0 ' + width + ' 200');
      of.ticks.forEach(function (tick, i) {
        if (!tick.dataset.x) { tick.dataset.x = tick.getAttribute('x'); tick.dataset.label = tick.textContent; }
        if (view[0] === 0 && view[1] === until) {
          tick.setAttribute('x', tick.dataset.x); tick.textContent = tick.dataset.label;
        } else {
          var part = i / Math.max(1, of.ticks.length - 1);
          tick.setAttribute('x', 66 + 884 * part); tick.textContent = words(view[0] + part * (view[1] - view[0]));
        }
      });
    });
    if (!quiet) try { history.replaceState(null, '', '#t=' + Math.round(view[0]) + ',' + Math.round(view[1])); } catch (e) { }
  }
  plots.forEach(function (of) {
    var start = null, shade = null;
    var svg = of.plot.ownerSVGElement;
    svg.setAttribute('tabindex', '0');
    of.plot.style.pointerEvents = 'bounding-box';
    svg.addEventListener('pointermove', function (event) {
      var time = timeAt(of, event);
      show(of, rowAt(of, time));
      if (start === null) return;
      if (!shade) {
        shade = document.createElementNS('http' + '://www.w3.org/2000/svg', 'rect');
        shade.setAttribute('y', 0); shade.setAttribute('height', 200); shade.setAttribute('fill', '#888'); shade.setAttribute('fill-opacity', .25);
        of.plot.appendChild(shade);
      }
      var a = Math.min(start, time), b = Math.max(start, time);
      shade.setAttribute('x', 1000 * a / until); shade.setAttribute('width', 1000 * (b - a) / until);
    });
    svg.addEventListener('pointerdown', function (event) { if (event.button === 0) start = timeAt(of, event); });
    window.addEventListener('pointerup', function (event) {
      if (start === null) return;
      var end = timeAt(of, event), from = Math.min(start, end), to = Math.max(start, end);
      if (shade) shade.remove();
      shade = start = null;
      if (to - from > (view[1] - view[0]) / 100) zoom(from, to);
    });
    svg.addEventListener('dblclick', function () { zoom(0, until); });
    svg.addEventListener('keydown', function (event) {
      var step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
      if (step) { show(of, Math.min(of.rows.length - 1, Math.max(0, of.at + step))); event.preventDefault(); }
      if (event.key === 'Escape') zoom(0, until);
      if (event.key === '+' || event.key === '-') {
        var middle = of.at < 0 ? (view[0] + view[1]) / 2 : +of.rows[of.at][0];
        var half = (view[1] - view[0]) * (event.key === '+' ? .25 : 1);
        zoom(middle - half, middle + half);
      }
    });
    var tools = document.createElement('div');
    tools.className = 'tools';
    [['whole run', function () { zoom(0, until); }], ['copy link to this', function () {
      var link = location.href.split('#')[0] + '#' + of.figure.id + '&t=' + Math.round(view[0]) + ',' + Math.round(view[1]);
      if (navigator.clipboard) navigator.clipboard.writeText(link).then(function () { of.read.textContent = 'Copied: ' + link; }, function () { of.read.textContent = link; });
      else of.read.textContent = link;
    }]].forEach(function (tool) {
      var button = document.createElement('button');
      button.type = 'button'; button.textContent = tool[0]; button.addEventListener('click', tool[1]);
      tools.appendChild(button);
    });
    of.figure.insertBefore(tools, of.figure.firstChild);
  });
  [].forEach.call(document.querySelectorAll('table.data'), function (table) {
    if (!table.tHead) return;
    [].forEach.call(table.tHead.rows[0].cells, function (cell, column) {
      var button = document.createElement('button');
      button.type = 'button'; button.textContent = cell.textContent; cell.textContent = ''; cell.appendChild(button);
      button.addEventListener('click', function () {
        var up = cell.getAttribute('aria-sort') !== 'ascending', body = table.tBodies[0];
        [].forEach.call(table.tHead.rows[0].cells, function (other) { other.removeAttribute('aria-sort'); });
        cell.setAttribute('aria-sort', up ? 'ascending' : 'descending');
        var rows = [].slice.call(body.rows);
        rows.sort(function (a, b) {
          var x = a.cells[column].textContent, y = b.cells[column].textContent, n = parseFloat(x.replace(/[$,]/g, '')) - parseFloat(y.replace(/[$,]/g, ''));
          return (isNaN(n) ? x.localeCompare(y) : n) * (up ? 1 : -1);
        });
        rows.forEach(function (row) { body.appendChild(row); });
      });
    });
  });
  var moment = /[#&]t=([0-9.]+),([0-9.]+)/.exec(location.hash);
  if (moment) {
    zoom(+moment[1], +moment[2], true);
    var figure = document.getElementById(location.hash.slice(1).split('&')[0]);
    if (figure) figure.scrollIntoView();
  }
})();

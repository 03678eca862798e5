// What static pages gain from a script: a theme switch, sorting, searching, and links into <details>.
// Without it every page can still be read. Text is only ever set as text.
(function () {
  "use strict";

  function isDark() {
    var chosen = document.documentElement.getAttribute("data-theme");
    return chosen ? chosen === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
  }

  function setUpTheme() {
    var button = document.getElementById("theme");
    function name() {
      button.textContent = isDark() ? "Light" : "Dark";
      button.setAttribute("aria-label", "Switch to the " + (isDark() ? "light" : "dark") + " theme");
    }
    button.hidden = false;
    name();
    button.addEventListener("click", function () {
      var next = isDark() ? "light" : "dark";
      document.documentElement.setAttribute("data-theme", next);
      try {
        window.localStorage.setItem("darkwood-theme", next);
      } catch (error) {
        // No storage here: the choice is for this page alone.
      }
      name();
    });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", name);
  }

  function valueOf(cell, kind) {
    if (kind === "text") {
      return cell.textContent.trim().toLowerCase();
    }
    var text = cell.getAttribute("data-value");
    return text === null || text === "" ? null : Number(text);
  }

  function sortBy(table, column, kind, descending) {
    var body = table.tBodies[0];
    var rows = Array.prototype.map.call(body.rows, function (row, place) {
      return { row: row, value: valueOf(row.cells[column], kind), place: place };
    });
    rows.sort(function (one, other) {
      // What is not known comes last, whichever way.
      if (one.value === null || other.value === null) {
        return (one.value === null) - (other.value === null) || one.place - other.place;
      }
      var order =
        kind === "text" ? one.value.localeCompare(other.value) : one.value - other.value;
      return (descending ? -order : order) || one.place - other.place;
    });
    rows.forEach(function (entry) {
      body.appendChild(entry.row);
    });
  }

  function setUpSorting(table) {
    var heads = table.tHead.rows[0].cells;
    Array.prototype.forEach.call(heads, function (head, column) {
      var kind = head.getAttribute("data-sort");
      if (!kind) {
        return;
      }
      var button = document.createElement("button");
      button.type = "button";
      while (head.firstChild) {
        button.appendChild(head.firstChild);
      }
      head.appendChild(button);
      button.addEventListener("click", function () {
        var before = head.getAttribute("aria-sort");
        var descending = before ? before === "ascending" : kind === "num";
        Array.prototype.forEach.call(heads, function (other) {
          other.removeAttribute("aria-sort");
        });
        head.setAttribute("aria-sort", descending ? "descending" : "ascending");
        sortBy(table, column, kind, descending);
      });
    });
  }

  function setUpFilter(form) {
    var rows = Array.prototype.slice.call(
      document.getElementById(form.getAttribute("data-for")).tBodies[0].rows
    );
    var texts = rows.map(function (row) {
      return row.textContent.toLowerCase();
    });
    var output = form.querySelector("output");
    var fields = Array.prototype.slice.call(form.elements).filter(function (field) {
      return field.name;
    });

    function matches(row, text) {
      return fields.every(function (field) {
        if (!field.value) {
          return true;
        }
        if (field.type === "search") {
          return field.value
            .toLowerCase()
            .split(/\s+/)
            .every(function (word) {
              return text.indexOf(word) >= 0;
            });
        }
        var has = row.getAttribute("data-" + field.name);
        return has === field.value || has.split(" ").indexOf(field.value) >= 0;
      });
    }

    function apply() {
      var shown = 0;
      rows.forEach(function (row, place) {
        row.hidden = !matches(row, texts[place]);
        shown += row.hidden ? 0 : 1;
      });
      output.textContent =
        shown === rows.length ? rows.length + " in all" : shown + " of " + rows.length;
    }

    function remember() {
      var asked = new URLSearchParams();
      fields.forEach(function (field) {
        if (field.value) {
          asked.set(field.name, field.value);
        }
      });
      var query = asked.toString();
      try {
        window.history.replaceState(
          null,
          "",
          window.location.pathname + (query ? "?" + query : "") + window.location.hash
        );
      } catch (error) {
        // A page that is opened as a file may not change its address.
      }
    }

    var asked = new URLSearchParams(window.location.search);
    fields.forEach(function (field) {
      var value = asked.get(field.name);
      if (value !== null) {
        field.value = value;
        if (field.tagName === "SELECT" && field.selectedIndex < 0) {
          field.value = "";
        }
      }
      field.addEventListener("input", function () {
        apply();
        remember();
      });
    });
    form.addEventListener("submit", function (event) {
      event.preventDefault();
    });
    form.hidden = false;
    apply();
  }

  // "/" goes to the search field, as in many tools; not while something is being typed.
  function setUpKeys() {
    document.addEventListener("keydown", function (event) {
      var at = document.activeElement;
      var typing = at && /^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName);
      var field = document.querySelector('form.filter input[type="search"]');
      if (event.key === "/" && field && !typing && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        field.focus();
      }
    });
  }

  setUpTheme();
  Array.prototype.forEach.call(document.querySelectorAll("table.sortable"), setUpSorting);
  Array.prototype.forEach.call(document.querySelectorAll("form.filter"), setUpFilter);
  setUpKeys();
})();

// Before anything is drawn: the theme that the reader chose last, if any.
(function () {
  "use strict";
  try {
    var chosen = window.localStorage.getItem("darkwood-theme");
    if (chosen === "light" || chosen === "dark") {
      document.documentElement.setAttribute("data-theme", chosen);
    }
  } catch (error) {
    // No storage here: the system's theme stands.
  }
})();

// Shows an honest delivery date and, while an incident lasts, a banner. It sets no cookie and sends nothing about the
// visitor but the postal code they typed. What it shows is set as text, never as HTML.
//
//   <script src="https://holdfast.example.org/public/holdfast.js" defer></script>
//   <div data-holdfast="banner" data-merchant="ACME" data-lang="en" hidden></div>
//   <div data-holdfast="promise" data-merchant="ACME" data-sku="LAMP-1" data-country="US" data-postal="28401" hidden></div>
//
// Change data-postal when the visitor types one, and call holdfastShow().
(function () {
  "use strict";
  var base = new URL(document.currentScript.src).origin;

  function ask(element) {
    var kind = element.getAttribute("data-holdfast");
    var fields = kind === "promise" ? ["merchant", "sku", "country", "postal", "units", "lang"] : ["merchant", "lang"];
    var query = new URLSearchParams();
    fields.forEach(function (field) {
      var value = element.getAttribute("data-" + field);
      if (value) query.set(field, value);
    });
    if (kind === "promise" && !query.get("postal")) return;
    fetch(base + "/public/v1/" + kind + "?" + query, { credentials: "omit" })
      .then(function (answer) { return answer.ok ? answer.json() : null; })
      .then(function (told) {
        var shown = told && told.text && (kind !== "banner" || told.active);
        element.hidden = !shown;
        if (!shown) return;
        element.lang = told.language;
        element.setAttribute("role", "status");
        element.setAttribute("data-holdfast-state", kind === "promise" ? told.what : told.state);
        element.textContent = told.text;
      })
      .catch(function () { element.hidden = true; });
  }

  window.holdfastShow = function () {
    document.querySelectorAll("[data-holdfast=promise],[data-holdfast=banner]").forEach(ask);
  };
  window.holdfastShow();
})();

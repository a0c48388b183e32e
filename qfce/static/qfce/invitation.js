// Puts the code of an invitation, which stands behind the #, into the page's form.
"use strict";
(() => {
  const field = document.querySelector("#invitation [name=code]");
  const code = decodeURIComponent(location.hash.slice(1));
  if (!field || !code) return;
  field.value = code;
  history.replaceState(null, "", location.pathname);
  document.querySelector("#invitation [name=password]").focus();
})();

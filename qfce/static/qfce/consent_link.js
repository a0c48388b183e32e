// Puts the code of a one-time link, which stands behind the #, into the page's form.
"use strict";
(() => {
  const field = document.querySelector("#consent-link [name=token], #declaration-link [name=token]");
  const code = decodeURIComponent(location.hash.slice(1));
  if (!field || !code) return;
  field.value = code;
  history.replaceState(null, "", location.pathname);
  field.form.submit();
})();

// Puts the code of a one-time link, which stands behind the #, into the page's form.
"use strict";
(() => {
  const open = () => {
    const field = document.querySelector("#consent-link [name=token], #declaration-link [name=token]");
    const code = decodeURIComponent(location.hash.slice(1));
    // The way past the navigation stands behind the # too, and is no code.
    if (!field || !code || document.getElementById(code)) return;
    field.value = code;
    history.replaceState(null, "", location.pathname);
    field.form.submit();
  };
  open();
  // A second link, opened where the first one was, changes nothing but what stands behind the #.
  addEventListener("hashchange", open);
})();

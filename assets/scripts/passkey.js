// Passkeys: a form that asks for one gets its options from the server, has the browser make or use the passkey, and is then
// sent like any other form.
(() => {
  "use strict";
  if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON) return;

  const complete = async (form) => {
    const token = form.querySelector("[name=token]").value;
    const answer = await fetch(form.dataset.passkeyStart, { method: "POST", body: new URLSearchParams({ token }) });
    if (!answer.ok) throw new Error(String(answer.status));
    const { publicKey } = await answer.json();
    const credential =
      form.dataset.passkey === "create"
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
    form.querySelector("[name=credential]").value = JSON.stringify(credential.toJSON());
    HTMLFormElement.prototype.submit.call(form);
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const fault = form.querySelector("[data-passkey-fault]");
      fault.hidden = true;
      complete(form).catch(() => {
        fault.hidden = false;
      });
    });
  }
})();

// The slider and the number beside it say the same. Without this, whichever was changed counts.
const slide = document.getElementById("es-slide");
const number = slide?.form.elements.version;
slide?.addEventListener("input", () => { number.value = slide.value; });
number?.addEventListener("input", () => { slide.value = number.value; });

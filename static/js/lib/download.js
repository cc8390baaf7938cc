// @ts-check
/** Hands the browser a file to save. @param {Blob} blob @param {string} name */
export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.hidden = true;
  document.body.append(link);
  link.click();
  link.remove();
  // The download reads it after this task.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

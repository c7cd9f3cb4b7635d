// The data of the report and of a protein: found in the page or loaded from the folder beside it, and unpacked.

const report = JSON.parse(document.getElementById("report-data").textContent);

/** Bytes from base64. */
function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/** Unpacks zlib data in base64. */
async function unpacked(base64) {
  const stream = new Blob([bytesOf(base64)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const arriving = new Map();

/** Data scripts call this. */
globalThis.esmfoldRecord = (number, data) => arriving.get(number)?.(data);

/** What is stored of a record; throws when its script is missing. */
function storedRecord(number) {
  const element = document.getElementById(`record-${number}`);
  if (element) return Promise.resolve(JSON.parse(element.textContent));
  if (report.files === null) return Promise.reject(new Error("its data are missing from this file"));
  return new Promise((resolve, reject) => {
    const place = `${report.files}/${number}-${report.stamp}.js`;
    const script = el("script", { src: place });
    const finish = (action) => { arriving.delete(number); script.remove(); action(); };
    arriving.set(number, (data) => finish(() => resolve(data)));
    script.addEventListener("error", () =>
      finish(() => reject(new Error(`${place} cannot be read; the folder belongs beside this page`))));
    document.head.append(script);
  });
}

/**
 * A protein with its residues unfolded: `residues[i]` has chain, number, letter, plddt, cls; `errors` is null or
 * `{ size, max, at(aligned, scored) in Å }`; `file(kind)` gives a file's text.
 */
async function loadRecord(number) {
  const stored = await storedRecord(number), summary = report.records[number];
  const residues = [];
  for (const [chainIndex, chain] of stored.chains.entries()) {
    const numbers = chain.numbers.flatMap(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, offset) => first + offset));
    for (const [place, letter] of [...chain.sequence].entries()) {
      const plddt = stored.plddt[residues.length] ?? null;
      residues.push({
        index: residues.length, chain: chain.id, chainIndex, number: numbers[place], letter, plddt,
        cls: confidenceClass(plddt),
      });
    }
  }
  return {
    number, summary, residues, chains: stored.chains, pairs: stored.pairs, facts: stored.facts, files: stored.files,
    structureKind: stored.structure,
    errors: stored.pae === null ? null : await errorsOf(stored.pae),
    async file(kind) {
      const file = stored.files.find((file) => file.kind === kind);
      return new TextDecoder().decode(await unpacked(file.data));
    },
  };
}

/** The aligned errors of a record. */
async function errorsOf(stored) {
  const bytes = await unpacked(stored.data), count = stored.size * stored.size;
  const tenths = new Uint16Array(count);
  for (let index = 0; index < count; index++) tenths[index] = bytes[index] | (bytes[count + index] << 8);
  return {
    size: stored.size, max: stored.max, digest: stored.digest, tenths,
    at: (aligned, scored) => tenths[aligned * stored.size + scored] / 10,
  };
}

/** The file of aligned errors as the AlphaFold database has it, one decimal. */
function errorFile(errors) {
  const rows = [];
  for (let row = 0; row < errors.size; row++) {
    const values = Array.from(errors.tenths.subarray(row * errors.size, (row + 1) * errors.size), (value) =>
      `${Math.floor(value / 10)}.${value % 10}`);
    rows.push(`[${values.join(",")}]`);
  }
  const digest = errors.digest === null ? "" : `"request_sha256":${JSON.stringify(errors.digest)},`;
  return `[{${digest}"predicted_aligned_error":[${rows.join(",")}],"max_predicted_aligned_error":${errors.max}}]\n`;
}

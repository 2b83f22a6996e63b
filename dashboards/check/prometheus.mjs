// What Grafana does between a board and a Prometheus, as far as the boards need it. Also runs in a browser.

/** All values of the variables that the viewer did not choose. */
const all = {job: '.+', cluster: '.*', node: '.+', instance: '.+'};

/** An expression with the values of its variables. */
export const substituted = (text, variables) =>
  text.replace(/\$\{?(\w+)\}?/g, (whole, name) => variables[name] ?? all[name] ?? whole);

/** The answer of a Prometheus: `data`, or an `error` of one line. */
export async function answer(prometheus, path, parameters) {
  const response = await fetch(`${prometheus}/api/v1/${path}?${new URLSearchParams(parameters)}`);
  return response.json();
}

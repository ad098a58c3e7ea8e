/** What no gateway in a Worker can beat: a Worker that only forwards to one node. */
// oxlint-disable-next-line import/no-default-export -- Workers: the handler is the default export
export default {
  fetch(request, env) {
    const { pathname, search } = new URL(request.url);
    return fetch(env.NODE_URL + pathname + search, request);
  },
};

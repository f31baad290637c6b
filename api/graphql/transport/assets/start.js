// Starts GraphiQL with the key of the form, which is kept for as long as the tab lives.
(() => {
  const field = document.getElementById("key");
  const state = document.getElementById("state");
  const root = ReactDOM.createRoot(document.getElementById("graphiql"));
  const kept = "identity-graph-admin-key";
  const firstQuery = `# Identity Graph. Enter a key above, then press Ctrl-Enter.
#
# Any identifier finds its customer, in any spelling: an e-mail address, a phone number, a cookie …

query Customers {
  customers(first: 3) {
    totalCount
    edges {
      node {
        id
        identifiers { namespace value }
        traits { name value }
        journey(first: 5) { edges { node { occurredAt channel name } } }
      }
    }
  }
}

query Lookup {
  lookup(value: "+86 138-0013-8000") {
    identifier { key }
    customer { id lastSeenAt identifiers { key } }
  }
}
`;

  async function fetcher(request, options) {
    const key = sessionStorage.getItem(kept);
    const headers = { "Content-Type": "application/json", Accept: "application/graphql-response+json" };
    if (key) headers.Authorization = `Bearer ${key}`;
    const response = await fetch(location.pathname, {
      method: "POST",
      headers: { ...headers, ...(options && options.headers) },
      body: JSON.stringify(request),
    });
    state.textContent = response.status === 401 ? (key ? "This key is not valid." : "Enter a key to begin.") : "";
    return response.json();
  }

  function start() {
    root.render(
      React.createElement(GraphiQL, {
        key: sessionStorage.getItem(kept) || "",
        fetcher,
        defaultQuery: firstQuery,
        defaultEditorToolsVisibility: "variables",
      }),
    );
  }

  document.getElementById("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    sessionStorage.setItem(kept, field.value.trim());
    field.value = "";
    field.blur();
    start();
  });
  start();
})();

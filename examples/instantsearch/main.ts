/**
 * An ordinary InstantSearch page: nothing in it knows that the server is Miroir. The server and the
 * search-only key come from the page's own address, as `npm run load` prints it.
 */
import { instantMeiliSearch } from "@meilisearch/instant-meilisearch";
import instantsearch from "instantsearch.js";
import {
  clearRefinements,
  configure,
  currentRefinements,
  hits,
  menu,
  numericMenu,
  pagination,
  rangeSlider,
  refinementList,
  searchBox,
  sortBy,
  stats,
} from "instantsearch.js/es/widgets";

const address = new URLSearchParams(location.search);
const { searchClient } = instantMeiliSearch(
  address.get("host") ?? "http://localhost:7700",
  address.get("key") ?? "",
  { finitePagination: true, primaryKey: "id" },
);

const search = instantsearch({ indexName: "packages", searchClient });

search.addWidgets([
  configure({ hitsPerPage: 10, attributesToSnippet: ["description:30"] }),
  searchBox({ container: "#search", placeholder: "Search packages" }),
  stats({ container: "#stats" }),
  clearRefinements({ container: "#clear" }),
  currentRefinements({ container: "#current" }),
  sortBy({
    container: "#sort",
    items: [
      { value: "packages", label: "Relevance" },
      { value: "packages:size:asc", label: "Smallest first" },
      { value: "packages:size:desc", label: "Largest first" },
    ],
  }),
  refinementList({ container: "#section", attribute: "section", searchable: true, limit: 8 }),
  menu({ container: "#priority", attribute: "priority" }),
  numericMenu({
    container: "#installed",
    attribute: "installedSize",
    items: [
      { label: "Any" },
      { label: "Up to 100 kB", end: 100 },
      { label: "100 kB to 10 MB", start: 100, end: 10_000 },
      { label: "10 MB and more", start: 10_000 },
    ],
  }),
  rangeSlider({ container: "#range", attribute: "size", pips: false }),
  refinementList({ container: "#tags", attribute: "tags", showMore: true, limit: 5 }),
  hits({
    container: "#hits",
    templates: {
      item: (hit, { html, components }) => html`
        <article data-id="${hit.id}">
          <h3>${components.Highlight({ hit, attribute: "package" })}</h3>
          <p>${components.Highlight({ hit, attribute: "summary" })}</p>
          <p>${components.Snippet({ hit, attribute: "description" })}</p>
          <small>${hit["section"]} · ${hit["size"]} bytes</small>
        </article>
      `,
    },
  }),
  pagination({ container: "#pages" }),
]);

search.start();

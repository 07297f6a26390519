import type { DiagnosticEntry } from "../diagnostic.ts";

/** What can go wrong with measurements: AP5xxx. */
export const metricsCodes = {
	AP5001: {
		title: "Name not usable in a query",
		text: ({ what, value }) =>
			`${what} ${JSON.stringify(value)} cannot stand in a metrics query`,
		remedy: "Use a Kubernetes name: lower-case letters, digits, - and . only.",
	} satisfies DiagnosticEntry<{ what: string; value: string }>,
};

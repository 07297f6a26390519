import type { DiagnosticEntry } from "../diagnostic.ts";

/** What can be wrong with traffic, or impossible on a mesh: AP2xxx. */
export const meshCodes = {
	AP2101: {
		title: "Not possible on this mesh",
		text: ({ mesh, feature, apex, reason }) =>
			`${mesh} cannot carry ${feature} asked of ${apex}: ${reason}`,
		remedy: ({ remedy }) => remedy,
	} satisfies DiagnosticEntry<{
		mesh: string;
		feature: string;
		apex: string;
		reason: string;
		remedy: string;
	}>,
	AP2103: {
		title: "Two plain splits on one service",
		text: ({ apex, first, second }) =>
			`${first} and ${second} both split ${apex} without matches`,
		remedy: "Give one of them `matches`, or let one resource own the split.",
	} satisfies DiagnosticEntry<{ apex: string; first: string; second: string }>,
};

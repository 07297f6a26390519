import type { DiagnosticEntry } from "../diagnostic.ts";

/** What can be wrong with the files of a project: AP1xxx. */
export const projectCodes = {
	AP1001: {
		title: "Not YAML",
		text: ({ problem }) => `this is not YAML: ${problem}`,
		remedy: "Mend the syntax at this place.",
	} satisfies DiagnosticEntry<{ problem: string }>,
};

import type { DiagnosticEntry } from "../diagnostic.ts";

/** What can go wrong while workflows run: AP4xxx. */
export const operatorCodes = {
	AP4001: {
		title: "Unknown phase",
		text: ({ resource, phase, known }) =>
			`${resource} is in the phase ${phase}, which this operator does not have (it has ${known})`,
		remedy:
			"Run the version of the operator that knows the phase, or set status.phase to one of its phases.",
	} satisfies DiagnosticEntry<{
		resource: string;
		phase: string;
		known: string;
	}>,
};

import type { DiagnosticEntry } from "../diagnostic.ts";

/** What can go wrong with the cluster: AP3xxx. */
export const kubeCodes = {
	AP3001: {
		title: "The API server cannot be reached",
		text: ({ server, problem }) =>
			`the API server at ${server} cannot be reached: ${problem}`,
		remedy:
			"Check the server address of the kubeconfig and that the server is running.",
	} satisfies DiagnosticEntry<{ server: string; problem: string }>,
};

/** Several documents of YAML in one text. */
export const documents = (...all: string[]) => all.join('\n---\n')

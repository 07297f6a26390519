import { format } from 'prettier'

/** TypeScript as it stands in our own files. */
export function formatTypeScript(text: string): Promise<string> {
  return format(text, { parser: 'typescript', printWidth: 120, semi: false, singleQuote: true })
}

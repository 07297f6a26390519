import { relative, resolve, sep } from 'node:path'
import { isCode } from '../../../generators/error-entry.ts'
import { catalogue } from '../../diagnostics/catalogue.ts'
import type { SourcePosition } from '../../diagnostics/diagnostic.ts'
import { packageVersion } from '../package.ts'
import type { Finding } from './finding.ts'

/**
 * Findings as a log of SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0), which code hosts show beside the lines. Files are
 * given relative to `cwd`, as the format wants it.
 */
export function sarif(found: readonly Finding[], cwd: string): object {
  const codes = [...new Set(found.map(({ diagnostic }) => diagnostic.code))].sort()
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Autopilot', version: packageVersion(), rules: codes.map(rule) } },
        originalUriBaseIds: { PROJECT: { description: { text: 'The folder in which ap was called' } } },
        results: found.map(({ level, diagnostic: { code, message, remedy, position } }) => ({
          ruleId: code,
          ruleIndex: codes.indexOf(code),
          level,
          message: { text: `${message}. ${remedy}` },
          ...(position && { locations: [location(position, cwd)] }),
        })),
      },
    ],
  }
}

function rule(code: string): object {
  return { id: code, ...(isCode(code) && { shortDescription: { text: catalogue[code].title } }) }
}

/** Standard input has no file that a reader could open, and keeps its name. */
function location({ file, line, column }: SourcePosition, cwd: string): object {
  const path = relative(cwd, resolve(cwd, file)).split(sep).join('/')
  return {
    physicalLocation: {
      artifactLocation: { uri: encodeURI(path), uriBaseId: 'PROJECT' },
      region: { startLine: line, startColumn: column },
    },
  }
}

import { resolve } from 'node:path'
import { diagnostic } from '../../diagnostics/catalogue.ts'
import { DiagnosticError } from '../../diagnostics/diagnostic.ts'
import { type Connection, connect } from '../../kube/connect.ts'
import { ApiError } from '../../kube/errors.ts'
import { explain } from '../../kube/explain.ts'
import { textOf } from '../../mesh/fields.ts'
import { type CommandIo, exitCode } from '../io.ts'
import { packageVersion } from '../package.ts'

/** Field manager of what these commands write. */
export const fieldManager = 'ap'

type Options = Readonly<Record<string, unknown>>

/**
 * Does something at the cluster that the options name, and resolves with its exit code: 130 when it was interrupted. The connection is
 * closed in any case.
 *
 * @throws DiagnosticError for whatever the API server or the way to it has to object
 */
export async function atCluster(
  options: Options,
  io: CommandIo,
  work: (connection: Connection) => Promise<number>,
): Promise<number> {
  const kubeconfig = textOf(options['kubeconfig'])
  const connection = await connect({
    env: io.env,
    kubeconfig: kubeconfig === undefined ? undefined : resolve(io.cwd, kubeconfig),
    context: textOf(options['context']),
    userAgent: `ap/${packageVersion()}`,
  })
  try {
    return io.signal.aborted ? exitCode.interrupted : await work(connection)
  } catch (error) {
    if (io.signal.aborted) return exitCode.interrupted
    throw explainedError(error, connection)
  } finally {
    await connection.client.close()
  }
}

/** An answer of the API server as a diagnostic; anything else stays what it is. */
function explainedError(error: unknown, { client, user }: Connection): unknown {
  if (error instanceof DiagnosticError) return error
  const found = explain(error, { server: client.server, user })
  if (found !== undefined) return new DiagnosticError([found], { cause: error })
  if (!(error instanceof ApiError)) return error
  return new DiagnosticError([diagnostic('AP6030', { problem: error.message })], { cause: error })
}

import { isDeepStrictEqual } from 'node:util'
import type { AttachmentPlan } from './attachments.ts'
import { mergePatch } from './merge-patch.ts'
import { finalizerName, type Runtime } from './runtime.ts'
import { readStatus } from './status-reading.ts'
import type { Frame } from './sync-frame.ts'

/** Whether routes of users are to be edited of which the status does not tell yet what they were like. */
export function mustRemember({ status }: Frame, { during, routes }: AttachmentPlan): boolean {
  const edits = routes.some(({ edit, live }) => mergePatch(live, edit.object) !== undefined)
  return edits && !isDeepStrictEqual(during, status.attachments)
}

/**
 * Notes on the resource what routes of users are like before they are edited, so that whoever comes after this process, or
 * deletes the resource, can have them restored. Answers the frame with the resource as it is then.
 *
 * A resource that has edited something of somebody else's has the finalizer, whether or not the project asked for one.
 */
export async function remember(runtime: Runtime, frame: Frame, plan: AttachmentPlan): Promise<Frame> {
  if (!mustRemember(frame, plan)) return frame
  const { project, statusWriter } = runtime
  const guarded = await statusWriter.addFinalizer(frame.resource, finalizerName(project))
  const resource = await statusWriter.write(guarded, { ...readStatus(guarded).fields, attachments: plan.during })
  return { ...frame, resource, status: readStatus(resource) }
}

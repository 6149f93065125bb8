type Level = 'info' | 'warn';

class AuditEvent {
  readonly at = new Date();
  constructor(readonly level: Level, readonly actor: string, readonly details: Record<string, unknown>) {}
}

const trail: AuditEvent[] = [];

export function audit(level: Level, actor: string, details: Record<string, unknown>): void {
  trail.push(new AuditEvent(level, actor, details));
}

export function lastEvents(count: number): AuditEvent[] {
  return trail.slice(-count);
}

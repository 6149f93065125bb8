import { publish, subscribe, unsubscribe } from 'lib0/broadcastchannel';

export interface Line {
  from: string;
  text: string;
}

/** A room of the help desk, open from a question until it is answered. */
export class Room {
  private readonly lines: Line[] = [];
  private readonly hear = (line: Line) => this.lines.push(line);

  constructor(readonly name: string) {
    subscribe(name, this.hear);
  }

  say(line: Line): void {
    publish(this.name, line);
    this.lines.push(line);
  }

  close(): number {
    unsubscribe(this.name, this.hear);
    return this.lines.length;
  }
}

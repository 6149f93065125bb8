export const subscriptions = [];

export class Subscription {
  constructor(topic, deliver) {
    this.topic = topic;
    this.deliver = deliver;
    this.sent = 0;
  }
}

export function subscribe(topic, deliver) {
  const subscription = new Subscription(topic, deliver);
  subscriptions.push(subscription);
  return subscription;
}

export function publish(topic, message) {
  for (const subscription of subscriptions) {
    if (subscription.topic === topic) {
      subscription.sent++;
      subscription.deliver(message);
    }
  }
}

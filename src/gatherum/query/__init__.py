"""The one language in which people say which media: filters of subscriptions, searches, addresses."""

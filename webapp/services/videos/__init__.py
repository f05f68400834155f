"""Videos: looked into, shown in pictures, and made fit for the web. It needs PyAV, of `batchdesk[media]`."""

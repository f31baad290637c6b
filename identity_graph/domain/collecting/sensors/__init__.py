"""Messages of the Sensors (神策) protocol, as its SDKs for web, mini-programs, apps and servers send them."""

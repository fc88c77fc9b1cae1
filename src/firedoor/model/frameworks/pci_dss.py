"""Requirements of PCI DSS v4.0.1 that the objects of a cluster can meet or fail."""

from firedoor.model.frameworks.listing import Framework, FrameworkId, items

_NETWORK = {
    "1.2.1": "Standards for rulesets are in use",
    "1.2.2": "Changes of rules are controlled",
    "1.2.3": "A network diagram that is accurate",
    "1.2.4": "A diagram of data flows that is accurate",
    "1.2.5": "Services, protocols and ports that are allowed are known and needed",
    "1.2.6": "Insecure services, protocols and ports are made safe",
    "1.2.7": "Rules are reviewed twice a year",
    "1.2.8": "Rules are protected against change",
    "1.3.1": "Traffic into the protected environment is limited to what is needed",
    "1.3.2": "Traffic out of the protected environment is limited to what is needed",
    "1.4.1": "Controls between trusted and untrusted networks",
    "1.4.2": "What untrusted networks may send to trusted ones",
    "1.4.3": "Forged source addresses are blocked",
    "1.4.4": "Stored card data is not reachable from untrusted networks",
    "1.4.5": "Internal addresses and routes are told to nobody else",
}
_CONFIGURATION = {
    "2.2.1": "Standards for configurations are in use",
    "2.2.2": "Default accounts are managed",
    "2.2.3": "Functions that need different protection are kept apart",
    "2.2.4": "Only what is needed runs",
    "2.2.5": "Insecure services are made safe",
    "2.2.6": "Settings prevent misuse",
    "2.2.7": "Administration over the network is encrypted",
}
_TRANSMISSION = {"4.2.1": "Card numbers on open networks are encrypted"}
_SOFTWARE = {"6.3.3": "Known weaknesses are patched", "6.4.2": "Public web applications are guarded"}
_ACCESS = {
    "7.2.1": "A model of who needs which access",
    "7.2.2": "Access by function, and no more than needed",
    "7.2.4": "Access of users is reviewed",
    "7.2.5": "Accounts of applications have no more than they need",
    "7.2.5.1": "Access of applications is reviewed",
    "7.2.6": "Who may query stores of card data",
    "7.3.1": "A system controls access",
    "7.3.2": "The system enforces what is assigned",
    "7.3.3": "The system denies by default",
}
_IDENTITY = {
    "8.2.1": "Every user has an id of their own",
    "8.2.2": "Shared accounts are the exception",
    "8.3.1": "Every access needs authentication",
    "8.3.2": "Authentication factors are encrypted when sent and stored",
    "8.6.1": "Interactive use of system accounts",
    "8.6.2": "No passwords in scripts, settings and code",
    "8.6.3": "Passwords of system accounts are protected and changed",
}
_LOGGING = {
    "10.2.1": "Audit logs are on",
    "10.2.2": "Audit logs have the needed details",
    "10.3.1": "Who reads audit logs",
    "10.3.2": "Audit logs are protected against change",
}
_TENANTS = {
    "A1.1.1": "Provider and customers are kept apart",
    "A1.1.2": "Customers reach their own environment only",
    "A1.1.3": "Customers use their own resources only",
}

PCI_DSS = Framework(
    FrameworkId.PCI_DSS_4,
    "PCI DSS",
    "v4.0.1",
    "PCI Security Standards Council",
    "https://www.pcisecuritystandards.org/document_library/",
    (
        *items("1 Network security controls", _NETWORK),
        *items("2 Secure configurations", _CONFIGURATION),
        *items("4 Cryptography during transmission", _TRANSMISSION),
        *items("6 Secure systems and software", _SOFTWARE),
        *items("7 Access by business need to know", _ACCESS),
        *items("8 Users and authentication", _IDENTITY),
        *items("10 Logging and monitoring", _LOGGING),
        *items("A1 Multi-tenant service providers", _TENANTS),
    ),
    "The other requirements are about card data itself, people, places and procedures.",
    own_words=True,
)

"""The tenets of zero trust in NIST SP 800-207, section 2.1."""

from firedoor.model.frameworks.listing import Framework, FrameworkId, items

_TENETS = {
    "1": "All data sources and computing services are considered resources",
    "2": "All communication is secured regardless of network location",
    "3": "Access to individual enterprise resources is granted on a per-session basis",
    "4": "Access to resources is determined by dynamic policy",
    "5": "The integrity and security posture of all owned and associated assets is monitored and measured",
    "6": "Authentication and authorization are dynamic and strictly enforced before access is allowed",
    "7": "Information about assets, network infrastructure and communications is collected and used",
}

NIST_800_207 = Framework(
    FrameworkId.NIST_800_207,
    "NIST SP 800-207 Zero Trust Architecture",
    "August 2020",
    "National Institute of Standards and Technology",
    "https://doi.org/10.6028/NIST.SP.800-207",
    items("2.1 Tenets of Zero Trust", _TENETS),
    "The titles of the longer tenets are shortened.",
)

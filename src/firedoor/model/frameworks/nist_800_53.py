"""Controls of NIST SP 800-53 revision 5: those of the technical families that a cluster can have or lack."""

from firedoor.model.frameworks.listing import Framework, FrameworkId, items

_ACCESS = {
    "AC-2": "Account Management",
    "AC-3": "Access Enforcement",
    "AC-4": "Information Flow Enforcement",
    "AC-4(21)": "Physical or Logical Separation of Information Flows",
    "AC-5": "Separation of Duties",
    "AC-6": "Least Privilege",
    "AC-6(1)": "Authorize Access to Security Functions",
    "AC-6(2)": "Non-privileged Access for Nonsecurity Functions",
    "AC-6(5)": "Privileged Accounts",
    "AC-6(7)": "Review of User Privileges",
    "AC-6(9)": "Log Use of Privileged Functions",
    "AC-6(10)": "Prohibit Non-privileged Users from Executing Privileged Functions",
    "AC-12": "Session Termination",
    "AC-14": "Permitted Actions Without Identification or Authentication",
    "AC-17": "Remote Access",
    "AC-20": "Use of External Systems",
    "AC-21": "Information Sharing",
    "AC-22": "Publicly Accessible Content",
    "AC-24": "Access Control Decisions",
    "AC-25": "Reference Monitor",
}
_AUDIT = {
    "AU-2": "Event Logging",
    "AU-3": "Content of Audit Records",
    "AU-4": "Audit Log Storage Capacity",
    "AU-6": "Audit Record Review, Analysis, and Reporting",
    "AU-9": "Protection of Audit Information",
    "AU-11": "Audit Record Retention",
    "AU-12": "Audit Record Generation",
}
_CONFIGURATION = {
    "CM-2": "Baseline Configuration",
    "CM-3": "Configuration Change Control",
    "CM-5": "Access Restrictions for Change",
    "CM-6": "Configuration Settings",
    "CM-7": "Least Functionality",
    "CM-8": "System Component Inventory",
    "CM-14": "Signed Components",
}
_IDENTIFICATION = {
    "IA-2": "Identification and Authentication (Organizational Users)",
    "IA-3": "Device Identification and Authentication",
    "IA-4": "Identifier Management",
    "IA-5": "Authenticator Management",
    "IA-5(7)": "No Embedded Unencrypted Static Authenticators",
    "IA-8": "Identification and Authentication (Non-organizational Users)",
    "IA-9": "Service Identification and Authentication",
}
_PROTECTION = {
    "SC-2": "Separation of System and User Functionality",
    "SC-3": "Security Function Isolation",
    "SC-4": "Information in Shared System Resources",
    "SC-5": "Denial-of-service Protection",
    "SC-6": "Resource Availability",
    "SC-7": "Boundary Protection",
    "SC-7(3)": "Access Points",
    "SC-7(4)": "External Telecommunications Services",
    "SC-7(5)": "Deny by Default — Allow by Exception",
    "SC-7(11)": "Restrict Incoming Communications Traffic",
    "SC-7(21)": "Isolation of System Components",
    "SC-8": "Transmission Confidentiality and Integrity",
    "SC-8(1)": "Cryptographic Protection",
    "SC-10": "Network Disconnect",
    "SC-12": "Cryptographic Key Establishment and Management",
    "SC-13": "Cryptographic Protection",
    "SC-17": "Public Key Infrastructure Certificates",
    "SC-20": "Secure Name/Address Resolution Service (Authoritative Source)",
    "SC-21": "Secure Name/Address Resolution Service (Recursive or Caching Resolver)",
    "SC-22": "Architecture and Provisioning for Name/Address Resolution Service",
    "SC-23": "Session Authenticity",
    "SC-28": "Protection of Information at Rest",
    "SC-39": "Process Isolation",
}
_INTEGRITY = {
    "SI-2": "Flaw Remediation",
    "SI-4": "System Monitoring",
    "SI-7": "Software, Firmware, and Information Integrity",
    "SI-10": "Information Input Validation",
}

NIST_800_53 = Framework(
    FrameworkId.NIST_800_53,
    "NIST SP 800-53 Security and Privacy Controls",
    "Revision 5",
    "National Institute of Standards and Technology",
    "https://doi.org/10.6028/NIST.SP.800-53r5",
    (
        *items("Access Control", _ACCESS),
        *items("Audit and Accountability", _AUDIT),
        *items("Configuration Management", _CONFIGURATION),
        *items("Identification and Authentication", _IDENTIFICATION),
        *items("System and Communications Protection", _PROTECTION),
        *items("System and Information Integrity", _INTEGRITY),
        *items("System and Services Acquisition", {"SA-22": "Unsupported System Components"}),
    ),
    "The other controls are about people, places, procedures, devices and contracts, or about functions that a cluster "
    "does not have as objects.",
)

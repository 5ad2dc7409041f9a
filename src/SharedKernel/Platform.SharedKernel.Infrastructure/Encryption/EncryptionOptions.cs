using System.ComponentModel.DataAnnotations;

namespace Platform.SharedKernel.Infrastructure.Encryption;

/// <summary>The master keys that wrap people's data keys.</summary>
public sealed class EncryptionOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Encryption";

    /// <summary>The keys, newest first, each <c>id:base64 of 32 bytes</c>, comma-separated. The newest wraps, all unwrap.</summary>
    [Required]
    public string MasterKeys { get; set; } = "";
}

using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Platform.SharedKernel.Callers;

namespace Platform.Dashboards.Features.Sharing;

/// <summary>Tokens of share links: 256 random bits. Their SHA-256 alone is stored, which for random bits needs no salt.</summary>
internal static class ShareTokens
{
    private const int Bytes = 32;
    private const int MaxLength = 100;

    public static string Create() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    public static string HashOf(string token) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token.Length <= MaxLength ? token : "")));

    /// <summary>The visitor that a link's token makes: row-level security shows them that board alone, as long as the link stands.</summary>
    public static Caller VisitorOf(string token) =>
        Caller.Visitor(new Dictionary<string, object?> { ["share_token_hash"] = HashOf(token) });
}

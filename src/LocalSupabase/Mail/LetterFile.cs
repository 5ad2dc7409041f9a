namespace Platform.LocalSupabase.Mail;

/// <summary>A file that goes with a mail.</summary>
/// <param name="Name">Its name.</param>
/// <param name="MediaType">Its media type.</param>
/// <param name="Content">Its bytes.</param>
public sealed record LetterFile(string Name, string MediaType, ReadOnlyMemory<byte> Content);

namespace Platform.LocalSupabase.Auth.Options;

/// <summary>One mail, with GoTrue's variables such as <c>{{ .ConfirmationURL }}</c> and <c>{{ .Token }}</c>.</summary>
public sealed class MailTemplateOptions
{
    /// <summary>The subject.</summary>
    public string? Subject { get; init; }

    /// <summary>The body as HTML; variables are escaped.</summary>
    public string? Body { get; init; }

    /// <summary>The body as plain text; made of the HTML if left out.</summary>
    public string? Text { get; init; }
}

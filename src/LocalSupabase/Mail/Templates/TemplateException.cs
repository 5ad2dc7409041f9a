namespace Platform.LocalSupabase.Mail.Templates;

/// <summary>A template that cannot be read.</summary>
internal sealed class TemplateException(string message) : Exception(message);

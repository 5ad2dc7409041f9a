using System.ComponentModel.DataAnnotations;

namespace Platform.Host.Embedded;

/// <summary>Reads the settings of the embedded auth service. What is out of range stops the start, as it does everywhere else.</summary>
internal static class AuthSettings
{
    public static T Read<T>(IConfiguration configuration, string section)
        where T : class, new()
    {
        var settings = configuration.GetSection(section).Get<T>() ?? new T();
        var failures = new List<ValidationResult>();
        return Validator.TryValidateObject(settings, new ValidationContext(settings), failures, validateAllProperties: true)
            ? settings
            : throw new HostStartException(
                "configuration_invalid", string.Join("; ", failures.Select(failure => $"{section}: {failure.ErrorMessage}")));
    }
}

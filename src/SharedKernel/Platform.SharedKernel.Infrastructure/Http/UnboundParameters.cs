using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Platform.SharedKernel.Infrastructure.Http;

/// <summary>
/// Names the parameters that could not be bound. Code that was generated at compile time throws for those that must be there; for optional
/// ones, such as a <c>limit</c>, it answers 400 and says no more.
/// </summary>
public static class UnboundParameters
{
    /// <summary>The problem of a request whose route or query has values of the wrong type; null if it has none.</summary>
    /// <param name="http">A request that its endpoint refused.</param>
    /// <returns>422 <c>validation_failed</c> with the parameters' paths.</returns>
    public static Problem? Find(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        var paths = (http.GetEndpoint()?.Metadata.GetOrderedMetadata<IParameterBindingMetadata>() ?? [])
            .Where(parameter => parameter.HasTryParse && TextOf(http.Request, parameter.Name) is { Length: > 0 } text
                && !CanParse(parameter.ParameterInfo.ParameterType, text))
            .Select(parameter => JsonPaths.FromProperty(parameter.Name)).ToHashSet(StringComparer.Ordinal);
        return paths.Count > 0 ? ProblemMapper.WrongTypes(paths) : null;
    }

    private static string? TextOf(HttpRequest request, string name) =>
        request.RouteValues.GetValueOrDefault(name)?.ToString() ?? request.Query[name].ToString();

    private static bool CanParse(Type type, string text)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum)
        {
            return Enum.TryParse(type, text, ignoreCase: true, out _);
        }

        var method = type.GetMethod("TryParse", [typeof(string), typeof(IFormatProvider), type.MakeByRefType()]);
        return method is null || (bool)method.Invoke(null, [text, CultureInfo.InvariantCulture, null])!;
    }
}
